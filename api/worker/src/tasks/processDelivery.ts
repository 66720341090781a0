import { type IntakeProviders, processDelivery } from "@shiplog/core/project";
import { z } from "zod";
import { defineTask } from "../task.ts";

/**
 * Folds a stored webhook delivery into the project's state. An unreadable payload ends the delivery as failed and the
 * job as done; any other failure is noted and thrown, so that the runner tries again.
 */
export const processDeliveryTask = (providers: IntakeProviders) =>
  defineTask({
    name: "process_delivery",
    payload: z.object({ id: z.uuid() }),
    async run(ctx, { id }, { log }) {
      const outcome = await processDelivery(ctx, { id }, providers);
      log.debug({ deliveryId: id, outcome }, "delivery processed");
    },
  });
