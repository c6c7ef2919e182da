// A room of Socket.IO; the package is looked up in the folder that NODE_PATH names. Prints its port, and at its end what
// it has counted.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import process from "node:process";

const { Server } = createRequire(`${process.env.NODE_PATH}/`)("socket.io");
const counted = { connections: 0, join: 0, say: 0 };
const http = createServer();
const server = new Server(http, { pingInterval: 300, transports: ["websocket"] });
server.on("connection", (socket) => {
  counted.connections += 1;
  socket.on("join", (room, acknowledge) => {
    counted.join += 1;
    socket.join(room);
    acknowledge({ ok: true });
  });
  socket.on("say", (text, acknowledge) => {
    counted.say += 1;
    socket.to("lobby").emit("said", text);
    acknowledge({ ok: true });
  });
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
process.on("SIGTERM", () => {
  console.log(JSON.stringify(counted));
  process.exit();
});
