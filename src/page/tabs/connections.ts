// Connections: how long each phase of making one took, how many are open, how they ended, and why some were never made.

import { level, percentiles, perSecond, type Line } from "../charts/lines";
import { ComparedTable } from "../compare/table";
import type { Tab } from "../shell/tabs";
import { ChartSet, type ChartPlan } from "./chart_set";
import { codeColumns, codeLines, codeRows, type CodeRow } from "./code_rows";
import { countedLines } from "./counted_lines";
import { endColumns, endRows, keyOfEnd, labelOfEnd, labelOfFailure, type EndRow } from "./end_rows";
import { failureRows } from "./failures";
import { FailureTable } from "./failure_table";
import { TrendTable, type NamedMetric } from "./trend_table";

const PHASES: readonly NamedMetric[] = [
  ["ws_connecting", "WebSocket: connect, all of it"],
  ["ws_dns", "WebSocket: name lookup"],
  ["ws_tcp", "WebSocket: TCP connect"],
  ["ws_tls", "WebSocket: TLS handshake"],
  ["ws_upgrade", "WebSocket: upgrade"],
  ["tcp_socket_resolving", "TCP: name lookup"],
  ["tcp_socket_connecting", "TCP: connect, with TLS"],
  ["tcp_socket_tls", "TCP: TLS handshake"],
  ["ws_session_duration", "WebSocket: session lasted"],
  ["tcp_socket_duration", "TCP: connection lasted"],
  ["ws_ping", "WebSocket: ping"],
  ["ws_downtime", "WebSocket: down"],
  ["tcp_downtime", "TCP: down"],
];

/** The mean over time, under a name of its own. */
function mean(metric: string, label: string): readonly [string, Line] {
  const [line] = percentiles(metric, ["avg"]);
  return [metric, { ...(line as Line), label, isFilled: true }];
}

const each = (metric: string, label: string): readonly [string, Line] => [metric, perSecond(label, metric)];

const CHARTS: readonly ChartPlan[] = [
  {
    id: "chart-active",
    title: "Open WebSocket sessions",
    lines: () => [["ws_active", level("open", "ws_active", "default", { isFilled: true })]],
  },
  {
    id: "chart-opens",
    title: "Opens and ends",
    lines: () => [
      each("ws_sessions", "WebSocket, tried"),
      each("ws_closes", "WebSocket, ended"),
      each("ws_connect_failed", "WebSocket, not made"),
      each("tcp_sockets", "TCP, made"),
      each("tcp_errors", "TCP, errors"),
    ],
  },
  {
    id: "chart-phases-ws",
    title: "Phases of a WebSocket connect",
    note: "Means, one upon the other",
    isStacked: true,
    lines: () => [mean("ws_dns", "name lookup"), mean("ws_tcp", "TCP connect"), mean("ws_tls", "TLS"), mean("ws_upgrade", "upgrade")],
  },
  {
    id: "chart-phases-tcp",
    title: "Phases of a TCP connect",
    note: "Means, one upon the other; TLS is in the connect",
    isStacked: true,
    lines: () => [mean("tcp_socket_resolving", "name lookup"), mean("tcp_socket_connecting", "connect, with TLS")],
  },
  {
    id: "chart-reconnects",
    title: "Connecting again",
    lines: () => [
      each("ws_reconnects", "WebSocket, tries"),
      each("tcp_reconnects", "TCP, tries"),
      ["ws_downtime", percentile("ws_downtime", "WebSocket, down p(95)")],
      ["tcp_downtime", percentile("tcp_downtime", "TCP, down p(95)")],
    ],
  },
];

function percentile(metric: string, label: string): Line {
  const [line] = percentiles(metric, ["p(95)"], "time", { isRight: true });
  return { ...(line as Line), label };
}

export const connections: Tab = {
  id: "connections",
  title: "Connections",
  build(panel, page) {
    const charts = new ChartSet(page, [
      ...CHARTS,
      {
        id: "chart-ends",
        title: "Ends by code",
        lines: codeLines,
      },
      {
        id: "chart-bad-ends",
        title: "Ends that were not in order",
        lines: ({ report }) => countedLines(report.happened.filter((one) => one.kind === "end"), labelOfEnd).map((line) => [null, line]),
      },
      {
        id: "chart-failures",
        title: "Failures by cause",
        lines: ({ report }) => countedLines(report.happened.filter((one) => one.kind !== "end"), labelOfFailure).map((line) => [null, line]),
      },
    ]);
    const phases = new TrendTable({ id: "phases", title: "How long it took", empty: "No connection was made." }, PHASES);
    const ends = new ComparedTable<EndRow>({
      id: "ends",
      title: "Ends that were not in order",
      empty: "All sessions ended in order.",
      isWrapped: true,
      key: keyOfEnd,
    });
    const codes = new ComparedTable<CodeRow>({ id: "codes", title: "Ends by code", empty: null, key: (row) => row.code });
    const refused = new FailureTable({ id: "refused", title: "Connections that were not made", empty: "None failed." });
    panel.append(charts.element, phases.element, codes.element, ends.element, refused.element);
    return {
      update() {
        charts.update();
        phases.update(page);
        codes.update(page, codeColumns, codeRows);
        ends.update(page, endColumns, endRows);
        refused.update(page, (of) => failureRows(of).filter((row) => row.kind === "refused"));
      },
    };
  },
};
