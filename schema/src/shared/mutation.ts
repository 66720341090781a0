import type { InputFieldMap, InputShapeFromFields } from "@pothos/core";
import { ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError } from "@shiplog/core";
import type { Permission } from "@shiplog/core/account";
import { builder, type Types } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { actorOf } from "./access.ts";

type ErrorClass = new (...args: never[]) => Error;
type Fields = InputFieldMap;
type FieldBuilder<Shape> = Parameters<
  NonNullable<Parameters<ReturnType<typeof builder.objectRef<Shape>>["implement"]>[0]["fields"]>
>[0];

interface MutationOptions<Input extends Fields, Shape extends object> {
  /** What it does, who may, what it costs. */
  readonly description: string;
  readonly input: (t: PothosSchemaTypes.InputFieldBuilder<Types, "InputObject">) => Input;
  readonly payload: (t: FieldBuilder<Shape>) => object;
  /** Besides Unauthenticated, Forbidden, NotFound and InvalidInput. */
  readonly errors?: readonly ErrorClass[];
  /** Of the four usual errors those that cannot occur. */
  readonly never?: readonly ErrorClass[];
  /** What a key needs to be let in; people only when absent. */
  readonly key?: Permission;
  readonly resolve: (
    ctx: GraphQLContext["core"],
    actor: NonNullable<GraphQLContext["actor"]>,
    input: InputShapeFromFields<Input>,
  ) => Promise<Shape>;
}

const USUAL: readonly ErrorClass[] = [
  UnauthenticatedError,
  ForbiddenError,
  NotFoundError,
  InvalidInputError as ErrorClass,
];

/**
 * Registers `<name>(input: <Name>Input!): <Name>Result!`, a union of `<Name>Payload` and the errors that can
 * occur. A key without the scope is refused in core with ForbiddenError, like a person without the role, so that
 * a foreign object stays unknown to both.
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
    description: `What \`${name}\` changed.`,
    fields: options.payload as never,
  });
  const types = [...USUAL, ...(options.errors ?? [])].filter((type) => !options.never?.includes(type));
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      description: options.description,
      authScopes: options.key ? { can: options.key } : { person: true },
      errors: {
        types: types as never,
        union: { description: `The payload of \`${name}\`, or why it did nothing.` },
      },
      args: { input: t.arg({ type: input, required: true, description: "What to do it with." }) },
      resolve: (_root, args, ctx) =>
        options.resolve(ctx.core, actorOf(ctx), args.input as InputShapeFromFields<Input>) as never,
    }),
  );
}
