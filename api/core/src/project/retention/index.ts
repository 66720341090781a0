export { applyRetention, type Pruned, type RetentionOptions } from "./apply.ts";
export {
  type Retention,
  readRetentions,
  type UpdateRetentionInput,
  updateProjectRetention,
} from "./settings.ts";
