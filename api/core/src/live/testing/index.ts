export { type Story, seedStory } from "./seed.ts";
