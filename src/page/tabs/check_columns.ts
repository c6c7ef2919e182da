// How checks are shown, wherever they are.

import type { Column } from "../table/column";
import type { CheckRow } from "./check_rows";
import { figureColumn } from "./figure_columns";

const part = (row: CheckRow): CheckRow["part"] => row.part;

const FIGURES: readonly Column<CheckRow>[] = [
  { id: "course", title: "Failed", kind: "course", value: () => null, course: (row) => row.part?.courseOfFails ?? [], note: "How many failed, over the window" },
  figureColumn("rate", "Held", part, "rate", { better: "more" }),
  figureColumn("passes", "Passed", part, "passes"),
  figureColumn("fails", "Failed", part, "fails", { better: "less", isTrouble: true }),
];

/** In the tree of their groups. */
export const treeColumns: readonly Column<CheckRow>[] = [
  { id: "check", title: "Check", kind: "name", value: (row) => row.name, full: (_, row) => row.path, depth: (row) => row.depth },
  ...FIGURES,
];

/** Each by itself, with its groups before its name. */
export const flatColumns: readonly Column<CheckRow>[] = [
  { id: "check", title: "Check", kind: "name", value: (row) => row.path.replace(/^::/u, "").replaceAll("::", " › "), full: (_, row) => row.path },
  ...FIGURES,
];
