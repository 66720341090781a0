import type { InputFieldMap, InputShapeFromFields } from "@pothos/core";
import {
  type Actor,
  type Context,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  UnauthenticatedError,
} from "@shiplog/core";
import type { Permission } from "@shiplog/core/account";
import { builder, type Types } from "../builder.ts";
import { actorOf } from "./access.ts";

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
  const types = [...usual.map(([, error]) => error as ErrorClass), ...(options.errors ?? [])];
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      description: options.description,
      authScopes: options.key ? { can: options.key } : { person: true },
      errors: { types, union: { description: `The payload of \`${name}\`, or why it did nothing.` } },
      args: { input: t.arg({ type: input, required: true, description: "What to do it with." }) },
      resolve: (_root, args, ctx) =>
        options.resolve(ctx.core, actorOf(ctx), args.input as InputShapeFromFields<Input>) as never,
    }),
  );
}
