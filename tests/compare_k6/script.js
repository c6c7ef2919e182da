// The k6 side of a comparison: says which VU ran which iteration, and writes its summary where it is told.
import exec from 'k6/execution';
import { sleep } from 'k6';
import { Counter } from 'k6/metrics';

const plan = JSON.parse(__ENV.PLAN);
const done = new Counter('done');
export const options = plan.options;

export default function () {
  console.log(`ITERATION ${exec.vu.idInTest} ${exec.scenario.iterationInTest}`);
  sleep(plan.sleep);
  done.add(1);
}

export function handleSummary(data) {
  return { [__ENV.REPORT]: JSON.stringify(data) };
}
