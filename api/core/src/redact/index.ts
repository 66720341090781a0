export { forgetRedactor, redactorOf } from "./owned.ts";
export { REDACTED } from "./patterns.ts";
export { createRedactor, type Redactor, type Tail } from "./redactor.ts";
