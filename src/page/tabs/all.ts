// Which tabs the page has, in their order.

import type { Tab } from "../shell/tabs";
import { connections } from "./connections";
import { errors } from "./errors";
import { generator } from "./generator";
import { latency } from "./latency";
import { overview } from "./overview";
import { requests } from "./requests";
import { script } from "./script";
import { tables } from "./tables";

export const TABS: readonly Tab[] = [overview, latency, requests, connections, errors, generator, tables, script];
