import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** Sends the bytes as they are, as no HTTP client would, and answers all that came back. */
export async function sendRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request, "latin1");
  return text(socket);
}
