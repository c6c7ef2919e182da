// The first tab: the verdict, what it rests on, and the run at a glance.

import { perSecond } from "../charts/lines";
import { timeChart } from "../charts/time_chart";
import type { Tab } from "../shell/tabs";

export const overview: Tab = {
  id: "overview",
  title: "Overview",
  build(panel, page) {
    const throughput = timeChart(page, {
      id: "chart-throughput",
      title: "Throughput",
      lines: [perSecond("iterations", "iterations")],
    });
    panel.append(throughput.element);
    return {
      update() {
        throughput.update();
      },
    };
  },
};
