import { A } from "@solidjs/router";
import { Empty } from "../ui/feedback.tsx";
import { createCrumbs } from "./crumbs.tsx";

/** A page that does not exist, or an object that the viewer may not see: the two look the same on purpose. */
export default function NotFound(props: { what?: string }) {
  createCrumbs(() => [{ label: "Not found" }]);
  return (
    <Empty
      title={`No such ${props.what ?? "page"}`}
      whole
      action={
        <A href="/" class="btn">
          Go to the overview
        </A>
      }
    >
      It does not exist, or it belongs to a project that you are not a member of.
    </Empty>
  );
}
