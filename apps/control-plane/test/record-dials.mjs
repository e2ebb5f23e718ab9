import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

/** Preloaded into a process (`node --import`), writes every TCP port the process dials into the file named by DIALS_FILE. */
const connect = Socket.prototype.connect;
Socket.prototype.connect = function recorded(...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const port = typeof first === "object" && first !== null ? (first.port ?? first.path) : first;
  appendFileSync(process.env.DIALS_FILE, `${port}\n`);
  return connect.apply(this, args);
};
