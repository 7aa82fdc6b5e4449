// The MDN HTTP Observatory's own tests and grades, against a server on this machine: node observatory.mjs HOST HTTP_PORT HTTPS_PORT PATH [SET_COOKIE]
// Its `scan` knows only the public ports, so its parts are put together here as it does it.
import { pathToFileURL } from "node:url";

const [host, httpPort, httpsPort, path, cookie] = process.argv.slice(2);
const home = pathToFileURL(`${process.env.OBSERVATORY}/src/`).href;
const { retrieve } = await import(`${home}retriever/retriever.js`);
const { ALL_TESTS } = await import(`${home}constants.js`);
const { getGradeForScore, getScoreModifier } = await import(`${home}grader/grader.js`);
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await import(`${home}grader/charts.js`);

const found = await retrieve(host, { httpPort, httpsPort, path });
if (cookie) found.session.jar.setCookieSync(cookie, found.session.url.href);
let [whole, plain] = [100, 100];
for (const test of ALL_TESTS) {
  const { result, pass } = test(found);
  const points = result ? getScoreModifier(result) : 0;
  whole += points;
  plain += Math.min(points, 0);
  console.log(`${pass ? "pass" : "FAIL"} ${String(points).padStart(3)} ${test.name}: ${result}`);
}
const { grade, score } = getGradeForScore(plain >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? whole : plain);
console.log(`${path} ${grade} ${score}`);
