import express from "express";

// What the server is measured against: the least that an Express program can do with a delivery. It keeps nothing.
express()
  .use(express.json(), (_req, res) => void res.json({ status: "accepted" }))
  .listen(Number(process.env.PORT), "127.0.0.1");
