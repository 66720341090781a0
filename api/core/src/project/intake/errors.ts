/**
 * A stored payload that cannot be read: the delivery fails with this text and no retry helps. Reprocessing does, after
 * an update that knows the shape.
 */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
}
