import { useLocation } from "@solidjs/router";
import { createEffect, createMemo, createSignal } from "solid-js";
import { createQuery } from "../api/query.ts";
import { AddressedProjectDocument, type Viewer } from "./viewer.ts";

const LAST = "shiplog.project";

/** The project that the address names, or else the one that was open last. */
export function createAddressedProject(viewer: () => Viewer | null) {
  const location = useLocation();
  const [slug, setSlug] = createSignal(localStorage.getItem(LAST));
  const addressed = () => /^\/p\/([^/]+)/.exec(location.pathname)?.[1];
  createEffect(() => {
    const named = addressed();
    if (named) setSlug(named);
  });
  const listed = () => viewer()?.projects.find((one) => one.slug === slug());
  // The viewer names the newest hundred projects: another one is asked for by itself.
  const asked = createQuery(AddressedProjectDocument, () => {
    const unlisted = slug();
    return unlisted && viewer() && !listed() ? { slug: unlisted } : null;
  });
  const project = createMemo(() => listed() ?? asked.data()?.project ?? viewer()?.projects[0] ?? null);
  createEffect(() => {
    const known = project()?.slug;
    if (known) localStorage.setItem(LAST, known);
  });
  return {
    project,
    setProject: (named: string) => void setSlug(named),
    /** The question for the project of the address, while its page must wait or when there is none: never another's. */
    unknown: () => (addressed() && project()?.slug !== addressed() ? asked : null),
  };
}
