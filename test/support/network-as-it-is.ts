import nock from "nock";

// Importing nock activates it, for this file and all that come after it in the worker; forbidNetwork does where it is wanted.
nock.restore();
