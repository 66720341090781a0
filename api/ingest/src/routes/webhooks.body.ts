/** The whole of a body; null, without reading on, as soon as it exceeds `limit` bytes. */
export async function readCapped(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array | null> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > limit) {
      // Not cancelled: that would cut the connection before the sender has read why.
      reader.releaseLock();
      return null;
    }
    chunks.push(value);
  }
}
