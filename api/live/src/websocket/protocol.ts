import { UnauthenticatedError } from "@shiplog/core";
import type { GraphQLError } from "graphql";
import { type Context, MessageType, makeServer, type ServerOptions, stringifyMessage } from "graphql-ws";
import { type Documents, refusal } from "../document.ts";
import { coded, masked, UnavailableError } from "../errors.ts";
import { Operation, startOperation } from "../operation.ts";
import type { Credential, Live } from "../options.ts";
import { type Registry, samePrincipal } from "../registry.ts";
import { CLOSE } from "./codes.ts";
import type { Connection } from "./connection.ts";

export interface Endpoint {
  readonly live: Live;
  readonly documents: Documents;
  readonly registry: Registry;
}

type Params = Record<string, unknown>;
type SocketContext = Context<Params, Connection>;

/** graphql-transport-ws, bound to our connections, credentials and operations. */
export function createProtocol(endpoint: Endpoint): (connection: Connection) => void {
  const server = makeServer<Params, Connection>({
    connectionInitWaitTimeout: endpoint.live.limits.initMs,
    onConnect: ({ extra, connectionParams }) => accept(endpoint, extra, connectionParams),
    onSubscribe: (context, id, payload) => subscribe(endpoint, context, id, payload),
    // The operation was started by onSubscribe; see there.
    subscribe: ({ contextValue }) => contextValue as Operation,
  });
  return (connection) => {
    const { socket } = connection;
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (message) => connection.send(message),
        close: (code = CLOSE.badRequest, reason = "") => connection.close(code, reason),
        onPing: (payload) => answerPing(endpoint, connection, payload),
        onMessage: (listener) =>
          socket.on("message", (data) => void receive(endpoint, connection, listener, data)),
      },
      connection,
    );
    socket.on("error", (error) => endpoint.live.ctx.log.debug({ error }, "a socket failed"));
    socket.once("close", (code, reason) => {
      connection.release?.();
      void closed(code, String(reason));
    });
  };
}

async function receive(
  { live }: Endpoint,
  connection: Connection,
  listener: (data: string) => Promise<void>,
  data: unknown,
): Promise<void> {
  try {
    await listener(String(data));
  } catch (error) {
    live.ctx.log.warn({ error }, "a message on a socket could not be handled");
    connection.close(CLOSE.badRequest, "Bad request");
  }
}

async function accept(
  endpoint: Endpoint,
  connection: Connection,
  params: Params | undefined,
): Promise<boolean> {
  const { live, registry } = endpoint;
  const before = live.streams.access.changes;
  const authorization = typeof params?.authorization === "string" ? params.authorization : null;
  try {
    const credential = await live.authenticate(connection.headers, authorization);
    const permitted = credential && live.permitsOrigin(connection.headers, credential.via === "cookie");
    if (!credential || !permitted) return refuse(connection, CLOSE.forbidden, "Sign in first");
    const release = registry.add(holding(connection, credential), before);
    if (!release) return refuse(connection, CLOSE.tooManyConnections, "Too many connections");
    connection.release = release;
    // It may have closed while it was looked at.
    if (connection.socket.readyState !== connection.socket.OPEN) release();
    return true;
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) {
      live.ctx.log.error({ error }, "a socket could not be authenticated");
      return refuse(connection, CLOSE.tryAgain, "Try again later");
    }
    // An access token may just have run out and is worth another try with a new one; a key is not.
    return isAccessToken(authorization ?? connection.headers.get("authorization"))
      ? refuse(connection, CLOSE.forbidden, "The access token is not valid, or no longer")
      : refuse(connection, CLOSE.revoked, "The API key is not valid, or no longer");
  }
}

/** The protocol's own refusal that follows finds the socket closing already. */
function refuse(connection: Connection, code: number, reason: string): false {
  connection.close(code, reason);
  return false;
}

function isAccessToken(authorization: string | null | undefined): boolean {
  return /^(bearer\s+)?[\w-]+\.[\w-]+\.[\w-]+$/i.test(authorization ?? "");
}

function holding(connection: Connection, credential: Credential) {
  connection.credential = credential;
  return {
    get credential() {
      return connection.credential ?? credential;
    },
    end: (why: "revoked" | "expired") =>
      why === "revoked"
        ? connection.close(CLOSE.revoked, "The session or key has ended")
        : connection.close(CLOSE.forbidden, "The access token has expired"),
  };
}

/** A ping with `{authorization}` renews the credential; one that does not hold leaves the old one as it is. */
async function answerPing(
  { live }: Endpoint,
  connection: Connection,
  payload: Params | undefined,
): Promise<void> {
  const { credential } = connection;
  if (credential && typeof payload?.authorization === "string") {
    const renewed = await live.authenticate(connection.headers, payload.authorization).catch(() => null);
    if (renewed && !samePrincipal(renewed.actor, credential.actor)) {
      return connection.close(CLOSE.forbidden, "That is another session");
    }
    if (renewed && credential.via === "bearer") connection.credential = renewed;
    return connection.send(stringifyMessage({ type: MessageType.Pong }));
  }
  await connection.send(stringifyMessage({ type: MessageType.Pong, payload }));
}

/**
 * Starts the operation here and answers failures as errors: thrown, they would close the socket with 4500, which
 * clients take as the end of everything.
 */
const subscribe = async (
  { live, documents }: Endpoint,
  { extra: connection, subscriptions }: SocketContext,
  _id: string,
  payload: Parameters<NonNullable<ServerOptions["onSubscribe"]>>[2],
) => {
  const requestId = live.ctx.newId();
  try {
    const { credential } = connection;
    if (!credential) return [coded("Sign in first.", "UNAUTHENTICATED")];
    if (Object.keys(subscriptions).length > live.limits.operationsPerSocket) {
      return [coded("Too many operations on this socket.", "TOO_MANY_OPERATIONS")];
    }
    const { query, operationName, variables } = payload;
    const { document, errors } = documents.check(query);
    if (errors) return errors;
    const refused = refusal(document, operationName);
    if (refused) return [refused];
    const started = await startOperation(live, credential, { document, operationName, variables, requestId });
    if (!(started instanceof Operation)) return started as GraphQLError[];
    return { schema: live.schema, document, operationName, contextValue: started };
  } catch (error) {
    if (!(error instanceof UnavailableError)) return [masked(error, live.ctx.log, requestId)];
    // An error message would be the operation's end for the client; sent away, it comes back with its cursor.
    connection.close(CLOSE.tryAgain, "Try again later");
    return [coded(error.message, "UNAVAILABLE")];
  }
};
