import { type Html, html } from "./html.ts";

/** The one style of all pages. Its hash is in the content security policy. */
export const STYLE: Html = {
  html: `
:root { color-scheme: light dark; --ink: #1d2330; --paper: #fbfaf7; --line: #dcd8cf; --link: #b3361b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9e6df; --paper: #17191e; --line: #363a43; --link: #ff9a76; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: clamp(1.5rem, 6vw, 4rem) 1.25rem; }
h1 { font-size: clamp(1.6rem, 5vw, 2.2rem); line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
p, ul { margin: 0.5rem 0; }
a { color: var(--link); }
.button { display: inline-block; margin: 0.5rem 0; padding: 0.5rem 1rem; border: 1px solid currentColor; border-radius: 0.4rem; text-decoration: none; }
.notice { border-left: 0.25rem solid var(--link); padding-left: 0.75rem; }
code { font-size: 0.92em; overflow-wrap: anywhere; }
`,
};

/** A whole page, in one file without scripts. */
export function page(title: string, content: Html): string {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return whole.html;
}
