import { createServer } from "node:net";
import { sayAddress } from "./say-address.ts";

// No server could do less: it does not even read what it answers. Requests here are small and come in one piece.
const BODY = '{"status":"accepted"}';
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => socket.write(ANSWER));
  socket.on("error", () => socket.destroy());
});
sayAddress(server.listen(Number(process.env.PORT), "127.0.0.1"));
