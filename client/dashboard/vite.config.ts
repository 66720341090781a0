import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";
import { trustedDocuments } from "./src/build/documents.ts";
import { sizeBudget } from "./src/build/size.ts";

const server = process.env.SHIPLOG_DEV_SERVER ?? "http://127.0.0.1:4000";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    trustedDocuments(join(import.meta.dirname, "src/gql/persisted-documents.json")),
    solid(),
    tailwindcss(),
    sizeBudget({ maxGzipKB: 60 }),
  ],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    // No data: URIs: the content security policy allows files of our own only.
    assetsInlineLimit: 0,
    manifest: true,
  },
  server: {
    port: 5173,
    proxy: {
      "/graphql": { target: server, ws: true },
      "/api": { target: server },
    },
  },
});
