import type { InputFieldMap, InputShapeFromFields } from "@pothos/core";
import {
  type Actor,
  type Context,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  UnauthenticatedError,
} from "@shiplog/core";
import { auditFailure, type Permission } from "@shiplog/core/account";
import { builder, type Types } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { actorOf, authScopes, unauthorizedError } from "./access.ts";
import { actionOf } from "./action.ts";

type ErrorClass = new (...args: never[]) => Error;
type Fields = InputFieldMap;
/** The field builder of a mutation's payload, whose shape is what the core call leads to. */
export type Payload<Shape> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>;

interface MutationOptions<Input extends Fields, Shape extends object> {
  /** What it does, who may, what it costs. */
  readonly description: string;
  readonly input: (t: PothosSchemaTypes.InputFieldBuilder<Types, "InputObject">) => Input;
  /** Parse, one core call, return. */
  readonly resolve: (ctx: Context, actor: Actor, input: InputShapeFromFields<Input>) => Promise<Shape>;
  readonly payload: (t: Payload<NoInfer<Shape>>) => object;
  /** Besides Unauthenticated, Forbidden, NotFound and InvalidInput. */
  readonly errors?: readonly ErrorClass[];
  /** Of the four usual errors those that cannot occur. */
  readonly never?: readonly (keyof typeof USUAL)[];
  /** What a key needs to be let in; people only when absent. */
  readonly key?: Permission;
  /** The same, and a stream token that was made for it is let in as well. */
  readonly stream?: Permission;
}

const USUAL = { UnauthenticatedError, ForbiddenError, NotFoundError, InvalidInputError };

/**
 * Registers `<name>(input: <Name>Input!): <Name>Result!`, a union of `<Name>Payload` and the errors that can
 * occur.
 */
export function mutation<Input extends Fields, Shape extends object>(
  name: string,
  options: MutationOptions<Input, Shape>,
): void {
  const Name = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const input = builder.inputType(`${Name}Input`, {
    description: `The input of \`${name}\`.`,
    fields: options.input as never,
  });
  const payload = builder.objectRef<Shape>(`${Name}Payload`).implement({
    description: `What \`${name}\` did.`,
    fields: options.payload as never,
  });
  const usual = Object.entries(USUAL).filter(
    ([error]) => !(options.never as readonly string[])?.includes(error),
  );
  const action = actionOf(name);
  const scopes = options.stream
    ? { stream: options.stream }
    : options.key
      ? { can: options.key }
      : { person: true };
  const types = [...usual.map(([, error]) => error as ErrorClass), ...(options.errors ?? [])];
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      description: options.description,
      authScopes: async (_root, _args, ctx) => {
        await auditUnlessPermitted(ctx, action, scopes);
        return scopes;
      },
      errors: { types, union: { description: `The payload of \`${name}\`, or why it did nothing.` } },
      args: { input: t.arg({ type: input, required: true, description: "What to do it with." }) },
      resolve: (async (_root: unknown, args: { input: unknown }, ctx: GraphQLContext) => {
        const actor = actorOf(ctx);
        try {
          return await options.resolve(ctx.core, actor, args.input as InputShapeFromFields<Input>);
        } catch (error) {
          // Core writes its own entries; this one is for what fails before it, e.g. an id of another type.
          await auditFailure(ctx.core, actor, { action }, error);
          throw error;
        }
      }) as never,
    }),
  );
}

/**
 * The first fence refuses before core is asked, so the entry is written here. Nobody in particular gets none: what is
 * not signed in must not be able to fill a log that nobody can empty.
 */
async function auditUnlessPermitted(
  ctx: GraphQLContext,
  action: string,
  { stream, can }: { readonly stream?: Permission; readonly can?: Permission },
): Promise<void> {
  const { actor } = ctx;
  const fences = authScopes(ctx);
  const permitted = stream ? fences.stream(stream) : can ? fences.can(can) : fences.person;
  if (!actor || permitted) return;
  const projectId = actor.type === "key" || actor.type === "token" ? actor.projectId : null;
  await auditFailure(ctx.core, actor, { action, projectId }, unauthorizedError(null, ctx));
}
