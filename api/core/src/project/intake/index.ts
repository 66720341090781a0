export { PayloadError } from "./errors.ts";
export {
  type CreateIntegrationInput,
  createIntegration,
  deleteIntegration,
  webhookUrl,
} from "./integrations.ts";
export { processDelivery, reprocessDelivery } from "./process.ts";
export type { Headers, IntakeProvider, IntakeProviders } from "./provider.ts";
export { type DeliveryCounts, type DeliveryPayload, deliveryCounts, deliveryPayload } from "./queries.ts";
export { type ReceiveInput, type ReceiveOutcome, type Refusal, receiveDelivery } from "./receive.ts";
export { refusalText } from "./refusal.ts";
