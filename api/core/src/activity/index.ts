export type { CodeChangeInput, RecordAIActivityInput } from "./input.ts";
export { linkCommits, recordAIActivity } from "./operations.ts";
export { PRICE_VERSION, type Price, priceUsage } from "./price.ts";
export { clampUsage, NO_USAGE, type TokenUsage } from "./usage.ts";
export { activityVisibility } from "./visibility.ts";
