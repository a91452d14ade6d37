import type { Server } from "node:http";
import type { Socket } from "node:net";

const graceMs = 300;

/** Ends silent connections soon, and all that are left when the time is up. Returns what stops the clock. */
type HangUp = (withinMs: number) => () => void;

/**
 * Has a closing server wait for the connections in `busy`, which have a request under way, and for nothing else.
 *
 * Node's own `closeIdleConnections` spares those that have not said anything yet, such as a browser's connection made
 * in advance, and would have every shutdown wait for them.
 */
export function hangerUp(server: Server, busy: ReadonlySet<Socket>): HangUp {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return (withinMs) => {
    const endAll = (but: ReadonlySet<Socket>): void => {
      for (const socket of open) if (!but.has(socket)) socket.destroy();
    };
    const quiet = setTimeout(endAll, Math.min(graceMs, withinMs), busy);
    const late = setTimeout(endAll, withinMs, new Set());
    return () => {
      clearTimeout(quiet);
      clearTimeout(late);
    };
  };
}
