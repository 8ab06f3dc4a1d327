@rem For "exec node ..." in package.json: a shell on Windows has no exec, but looks for programs in this folder first.
@%*
