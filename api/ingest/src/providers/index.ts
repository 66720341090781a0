import type { IntakeProvider, IntakeProviders } from "@shiplog/core/project";
import { github } from "./github/index.ts";

/** Every source of signed deliveries, by its word in the webhook's path. */
export const providers: IntakeProviders = new Map<string, IntakeProvider>([[github.name, github]]);
