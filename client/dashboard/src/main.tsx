import { type RouteDefinition, Router } from "@solidjs/router";
import { lazy } from "solid-js";
import { render } from "solid-js/web";
import { reloadOnNewBuild } from "./app/reload.ts";
import { pages } from "./app/routes.ts";
import { Shell } from "./app/shell.tsx";
import "./styles/app.css";

const routes: RouteDefinition[] = [
  { path: "/login", component: lazy(() => import("./features/account/login.tsx")) },
  { path: "/forgot-password", component: lazy(() => import("./features/account/forgot.tsx")) },
  { path: "/reset-password", component: lazy(() => import("./features/account/reset.tsx")) },
  { path: "/invitation", component: lazy(() => import("./features/account/invitation.tsx")) },
  { path: "/", component: Shell, children: pages },
];
const root = document.getElementById("root");

reloadOnNewBuild();
if (root) render(() => <Router>{routes}</Router>, root);
