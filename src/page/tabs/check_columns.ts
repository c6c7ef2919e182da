// How checks are shown, wherever they are.

import type { Column } from "../table/column";
import type { CheckRow } from "./check_rows";
import { figureColumn } from "./figure_columns";

const part = (row: CheckRow): CheckRow["part"] => row.part;

export const checkColumns: readonly Column<CheckRow>[] = [
  { id: "check", title: "Check", kind: "name", value: (row) => row.name, full: (_, row) => row.path, depth: (row) => row.depth },
  { id: "course", title: "Failed", kind: "course", value: () => null, course: (row) => row.part?.courseOfFails ?? [], note: "How many failed, over the window" },
  figureColumn("rate", "Held", part, "rate", { better: "more" }),
  figureColumn("passes", "Passed", part, "passes"),
  figureColumn("fails", "Failed", part, "fails", { better: "less", isTrouble: true }),
];
