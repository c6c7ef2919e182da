// Which tabs the page has, in their order.

import type { Tab } from "../shell/tabs";
import { overview } from "./overview";

export const TABS: readonly Tab[] = [overview];
