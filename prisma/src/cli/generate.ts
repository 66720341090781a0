import { generateClient } from "../generate.ts";

const started = performance.now();
const did = await generateClient(process.env);
console.log(
  did
    ? `prisma client generated in ${Math.round(performance.now() - started)} ms`
    : "prisma client is up to date",
);
