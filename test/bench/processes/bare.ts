import express from "express";
import { sayAddress } from "./say-address.ts";

// What the server is measured against: the least that an Express program can do with a delivery. It keeps nothing.
const app = express().use(express.json(), (_req, res) => void res.json({ status: "accepted" }));
sayAddress(app.listen(Number(process.env.PORT), "127.0.0.1"));
