import type { RouteDefinition } from "@solidjs/router";
import { lazy } from "solid-js";

const Account = lazy(() => import("../features/account/page.tsx"));
const Admin = lazy(() => import("../features/admin/page.tsx"));
const Settings = lazy(() => import("../features/settings/page.tsx"));

/** Every page, each in a chunk of its own. */
export const pages: RouteDefinition[] = [
  { path: "/", component: lazy(() => import("../features/overview/page.tsx")) },
  { path: "/projects", component: lazy(() => import("../features/project/list.tsx")) },
  { path: "/p/:slug", component: lazy(() => import("../features/project/page.tsx")) },
  { path: "/p/:slug/runs", component: lazy(() => import("../features/agent/list.tsx")) },
  { path: "/p/:slug/pipelines", component: lazy(() => import("../features/pipeline/list.tsx")) },
  { path: "/p/:slug/deployments", component: lazy(() => import("../features/pipeline/deployments.tsx")) },
  { path: "/p/:slug/activity", component: lazy(() => import("../features/activity/list.tsx")) },
  { path: "/p/:slug/deliveries", component: lazy(() => import("../features/delivery/list.tsx")) },
  { path: "/p/:slug/audit", component: lazy(() => import("../features/audit/page.tsx")) },
  { path: "/p/:slug/settings", component: Settings },
  { path: "/p/:slug/settings/:tab", component: Settings },
  { path: "/runs/:id", component: lazy(() => import("../features/agent/page.tsx")) },
  { path: "/pipelines/:id", component: lazy(() => import("../features/pipeline/page.tsx")) },
  { path: "/activity/:id", component: lazy(() => import("../features/activity/page.tsx")) },
  { path: "/deliveries/:id", component: lazy(() => import("../features/delivery/page.tsx")) },
  { path: "/account", component: Account },
  { path: "/account/:tab", component: Account },
  { path: "/admin", component: Admin },
  { path: "/admin/:tab", component: Admin },
  { path: "*", component: lazy(() => import("./not_found.tsx")) },
];
