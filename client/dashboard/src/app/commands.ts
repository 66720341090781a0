import type { IconName } from "../ui/icons.tsx";
import { setTheme } from "./theme.ts";
import { hasRole, type Session, type ViewerProject } from "./viewer.ts";

export interface Command {
  readonly label: string;
  readonly hint?: string;
  readonly icon: IconName;
  readonly run: () => void;
}
type Go = (href: string) => void;

function ofProject(project: ViewerProject, go: Go): Command[] {
  const base = `/p/${project.slug}`;
  const to = (label: string, icon: IconName, path: string): Command => ({
    label,
    icon,
    hint: project.name,
    run: () => go(base + path),
  });
  return [
    to("Runs", "run", "/runs"),
    ...(hasRole(project, "developer") ? [to("Start a run", "plus", "/runs?start=1")] : []),
    to("Failed runs", "run", "/runs?status=FAILED"),
    to("Pipelines", "pipeline", "/pipelines"),
    to("Failed pipelines", "pipeline", "/pipelines?status=FAILED"),
    to("Deployments", "deploy", "/deployments"),
    to("AI activity", "activity", "/activity"),
    ...(hasRole(project, "owner")
      ? [to("Audit log", "audit", "/audit"), to("Invite somebody", "person", "/settings/members")]
      : []),
    to("Settings", "settings", "/settings"),
    ...(hasRole(project, "maintainer")
      ? [
          to("Deliveries", "inbox", "/deliveries"),
          to("Create an API key", "key", "/settings/keys"),
          to("Connect GitHub", "inbox", "/settings/integrations"),
        ]
      : []),
  ];
}

const PAGES: Readonly<Record<string, string>> = {
  aex: "runs",
  ppl: "pipelines",
  act: "activity",
  dlv: "deliveries",
};

/** An id pasted from elsewhere leads to its page. */
function byId(text: string, go: Go): Command[] {
  const match = /^(aex|ppl|act|dlv)_[0-9a-z]{26}$/.exec(text);
  const page = match?.[1] ? PAGES[match[1]] : undefined;
  return page ? [{ label: `Open ${text}`, icon: "search", run: () => go(`/${page}/${text}`) }] : [];
}

function all(session: Session, go: Go): Command[] {
  const project = session.project();
  return [
    { label: "Overview", icon: "overview", run: () => go("/") },
    { label: "Projects", icon: "projects", run: () => go("/projects") },
    ...(project ? ofProject(project, go) : []),
    ...session.viewer().projects.map(
      (one): Command => ({
        label: one.name,
        hint: "project",
        icon: "projects",
        run: () => go(`/p/${one.slug}`),
      }),
    ),
    { label: "Your account", icon: "person", run: () => go("/account") },
    { label: "Your sessions", icon: "person", run: () => go("/account/sessions") },
    { label: "Your API keys", icon: "key", run: () => go("/account/keys") },
    ...(session.viewer().isAdmin
      ? [{ label: "Installation", icon: "admin", run: () => go("/admin") } as const]
      : []),
    { label: "Light theme", icon: "sun", run: () => setTheme("light") },
    { label: "Dark theme", icon: "moon", run: () => setTheme("dark") },
    { label: "System theme", icon: "screen", run: () => setTheme("system") },
    { label: "GraphiQL", hint: "opens a tab", icon: "graph", run: () => open("/graphql") },
    { label: "API reference", hint: "opens a tab", icon: "book", run: () => open("/api/docs") },
  ];
}

function open(href: string): void {
  window.open(href, "_blank", "noopener");
}

/** The commands that hold every word of the text. */
export function findCommands(session: Session, text: string, go: Go): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all(session, go).filter((one) => {
    const label = `${one.label} ${one.hint ?? ""}`.toLowerCase();
    return words.every((word) => label.includes(word));
  });
  return [...byId(text.trim(), go), ...found];
}
