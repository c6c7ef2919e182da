// graphql-ws on `ws`; the packages are looked up in the folder that NODE_PATH names. Prints its port, and at its end what
// it has counted.
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(`${process.env.NODE_PATH}/`);
const { WebSocketServer } = require("ws");
const { buildSchema } = require("graphql");
const { useServer } = require("graphql-ws/use/ws");

const counted = { connections: 0, hello: 0, greetings: 0 };
const schema = buildSchema("type Query { hello: String } type Subscription { greetings: String }");
async function* greetings() {
  counted.greetings += 1;
  for (const greeting of ["Hi", "Bonjour", "Hola", "Ciao", "Zdravo"]) yield { greetings: greeting };
}
const roots = {
  query: { hello: () => { counted.hello += 1; return "world"; } },
  subscription: { greetings },
};
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/graphql" });
useServer({ schema, roots, onConnect: () => { counted.connections += 1; } }, server);
server.on("listening", () => console.log(server.address().port));
process.on("SIGTERM", () => {
  console.log(JSON.stringify(counted));
  process.exit();
});
