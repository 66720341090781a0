import { currentCorrelation, jsonExcess, UnauthenticatedError } from "@shiplog/core";
import { isOutage } from "@shiplog/core/live";
import { type ConnectionInitMessage, MessageType, type SubscribeMessage, validateMessage } from "graphql-ws";
import { type Documents, documentIdOf, refusal } from "../document.ts";
import { coded, masked, UnavailableError } from "../errors.ts";
import type { Hub } from "../hub/hub.ts";
import { Subscription } from "../hub/subscription.ts";
import { startOperation } from "../operation.ts";
import type { HeaderReader, Live } from "../options.ts";
import { type Registry, renews } from "../registry.ts";
import { ownTurn } from "../turns.ts";
import { CLOSE } from "./codes.ts";
import type { Connection } from "./connection.ts";
import { flat } from "./frame.ts";
import { SocketOperation } from "./operation.ts";

export interface Endpoint {
  readonly live: Live;
  readonly documents: Documents;
  readonly registry: Registry;
  readonly hub: Hub;
}

type Params = Record<string, unknown>;

/** One message of graphql-transport-ws from a client; whatever breaks the protocol closes the socket. */
export async function receive(endpoint: Endpoint, connection: Connection, data: unknown): Promise<void> {
  if (!connection.isOpen) return;
  const text = String(data);
  try {
    const excess = jsonExcess(text);
    if (excess) return connection.close(CLOSE.badRequest, `More ${excess} than a message may have`);
    const message = validateMessage(JSON.parse(text));
    switch (message.type) {
      case MessageType.ConnectionInit:
        await initialise(endpoint, connection, message);
        break;
      case MessageType.Subscribe:
        await subscribe(endpoint, connection, message);
        break;
      case MessageType.Complete:
        connection.operations.get(message.id)?.stop();
        break;
      case MessageType.Ping:
        await answerPing(endpoint, connection, message.payload as Params | undefined);
        break;
      case MessageType.Pong:
        break;
      default:
        connection.close(CLOSE.badRequest, `A client sends no ${message.type}`);
    }
  } catch (error) {
    endpoint.live.ctx.log.debug({ error }, "a message on a socket could not be handled");
    connection.close(CLOSE.badRequest, "Bad request");
  }
}

async function initialise(
  endpoint: Endpoint,
  connection: Connection,
  { payload }: ConnectionInitMessage,
): Promise<void> {
  if (connection.initialised) {
    connection.close(CLOSE.tooManyConnections, "Too many initialisation requests");
    return;
  }
  connection.initialised = true;
  if (!(await accept(endpoint, connection, payload as Params | undefined))) return;
  connection.opener = null;
  connection.acknowledged = true;
  connection.send({ type: MessageType.ConnectionAck });
}

const NO_HEADERS: HeaderReader = { get: () => null };
const TOO_MANY_GUESSES = "Too many credentials that are not valid";

/** Finds out who that is; false: the socket closes. */
async function accept(
  endpoint: Endpoint,
  connection: Connection,
  params: Params | undefined,
): Promise<boolean> {
  const { live, registry } = endpoint;
  const before = live.streams.access.changes;
  const authorization = typeof params?.authorization === "string" ? params.authorization : null;
  const { headers, address } = connection.opener ?? { headers: NO_HEADERS, address: null };
  try {
    const credential = await live.authenticate(headers, authorization);
    const permitted = credential && live.permitsOrigin(headers, credential.via === "cookie");
    if (!credential || !permitted) return refuse(connection, CLOSE.forbidden, "Sign in first");
    connection.credential = credential;
    if (!registry.add(connection, before))
      return refuse(connection, CLOSE.tooManyConnections, "Too many connections");
    connection.registry = registry;
    // It may have closed while it was looked at.
    if (!connection.isOpen) registry.remove(connection);
    return connection.isOpen;
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) {
      noteUnknown(live, error);
      return refuse(connection, CLOSE.tryAgain, "Try again later");
    }
    if (!(await live.guessed(address, null)))
      return refuse(connection, CLOSE.tooManyConnections, TOO_MANY_GUESSES);
    // An access token may just have run out and is worth another try with a new one; a key is not.
    return isAccessToken(authorization ?? headers.get("authorization"))
      ? refuse(connection, CLOSE.forbidden, "The access token is not valid, or no longer")
      : refuse(connection, CLOSE.revoked, "The API key is not valid, or no longer");
  }
}

function noteUnknown({ ctx }: Live, error: unknown): void {
  ctx.log[isOutage(error) ? "warn" : "error"]({ error }, "a socket could not be authenticated");
}

function refuse(connection: Connection, code: number, reason: string): false {
  connection.close(code, reason);
  return false;
}

function isAccessToken(authorization: string | null | undefined): boolean {
  return /^(bearer\s+)?[\w-]+\.[\w-]+\.[\w-]+$/i.test(authorization ?? "");
}

/** A ping with `{authorization}` renews the credential; one that does not hold leaves the old one as it is. */
async function answerPing(
  { live }: Endpoint,
  connection: Connection,
  payload: Params | undefined,
): Promise<void> {
  const { credential } = connection;
  if (!credential || typeof payload?.authorization !== "string")
    return connection.send({ type: MessageType.Pong, payload });
  try {
    const renewed = await live.authenticate(NO_HEADERS, payload.authorization);
    if (renewed && !renews(renewed.actor, credential.actor))
      return connection.close(CLOSE.forbidden, "That is another session");
    if (renewed && credential.via === "bearer") connection.credential = renewed;
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) noteUnknown(live, error);
    else if (!(await live.guessed(null, credential.actor)))
      return connection.close(CLOSE.tooManyConnections, TOO_MANY_GUESSES);
  }
  connection.send({ type: MessageType.Pong });
}

/** Failures are answered as errors of the operation, which are its end; the socket stays. */
async function subscribe(
  endpoint: Endpoint,
  connection: Connection,
  { id, payload }: SubscribeMessage,
): Promise<void> {
  const { live, documents, hub } = endpoint;
  const { credential, operations } = connection;
  if (!connection.acknowledged || !credential) return connection.close(CLOSE.revoked, "Unauthorized");
  if (operations.has(id)) return connection.close(CLOSE.subscriberExists, "Subscriber already exists");
  if (id.length > live.limits.idCharacters) return connection.close(CLOSE.badRequest, "The id is too long");
  const requestId = flat(currentCorrelation()?.requestId ?? live.ctx.newId());
  const operation = new SocketOperation(connection, id);
  try {
    if (operations.size > live.limits.operationsPerSocket) {
      return operation.refuse([coded("Too many operations on this socket.", "TOO_MANY_OPERATIONS")]);
    }
    const { query, operationName, variables, extensions } = payload;
    const asked = { query, documentId: documentIdOf(extensions), operationName, variables };
    const isNew = documents.isNew(asked);
    const before = isNew ? live.overdrawn?.(credential) : null;
    if (before?.refused) return operation.refuse([before.refused]);
    if (isNew) await ownTurn();
    const checked = documents.check(asked, credential);
    const overdrawn = (await live.admit?.(credential, checked, isNew))?.refused;
    if (overdrawn) return operation.refuse([overdrawn]);
    if (checked.errors) return operation.refuse(checked.errors);
    const { document } = checked;
    const refused = refusal(document, operationName);
    if (refused) return operation.refuse([refused]);
    const request = { document, operationName, variables, requestId };
    const started = await startOperation(live, hub, credential, request, operation);
    if (started instanceof Subscription) operation.run(started);
    else operation.refuse(started);
  } catch (error) {
    if (!(error instanceof UnavailableError))
      return operation.refuse([masked(error, live.ctx.log, requestId)]);
    // An error message would be the operation's end for the client; sent away, it comes back with its cursor.
    connection.close(CLOSE.tryAgain, "Try again later");
  }
}
