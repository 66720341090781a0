/** The roles of a project, least first, with what each adds. */
export const ROLES = [
  { value: "viewer", label: "Viewer: reads" },
  { value: "developer", label: "Developer: also starts, cancels and records" },
  { value: "maintainer", label: "Maintainer: also integrations, deliveries and keys" },
  { value: "owner", label: "Owner: also members, retention, audit log and deletion" },
];
