"use strict";
(() => {
  const page = document.documentElement;
  const told = JSON.parse(document.getElementById("report-data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const phone = matchMedia("(max-width: 800px)");
  const theme = () => page.dataset.theme || (dark.matches ? "dark" : "light");

  async function draw(box) {
    const sizes = told.charts[box.dataset.chart]?.[theme()];
    const spec = sizes && ((phone.matches && sizes.narrow) || sizes.wide);
    if (!spec || box.shown === spec) return;
    box.shown = spec;
    const view = document.createElement("div");
    view.className = "view";
    const ready = { ...spec };
    if (spec.usermeta && "rows" in spec.usermeta) {
      const name = "rows" + spec.usermeta.rows;
      // Vega changes what it is given
      ready.datasets = { ...spec.datasets, [name]: structuredClone(told.rows[spec.usermeta.rows]) };
    }
    try {
      await vegaEmbed(view, ready, {
        ast: true, actions: false, renderer: "svg", defaultStyle: false, hover: false,
        formatLocale: told.formatLocale, timeFormatLocale: told.timeFormatLocale,
        tooltip: { theme: "report", disableDefaultStyle: true },
      });
    } catch (error) {
      console.error(error); // the picture stays
      return;
    }
    if (box.shown !== spec) return;
    box.querySelector(".view")?.remove();
    box.append(view);
    box.classList.add("live");
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      entry.target.near = entry.isIntersecting;
      if (entry.isIntersecting) draw(entry.target);
    }
  }, { rootMargin: "400px" });
  const boxes = [...document.querySelectorAll("[data-chart]")];
  const again = () => boxes.forEach((box) => (box.near ? draw(box) : undefined));
  boxes.forEach((box) => seen.observe(box));
  dark.addEventListener("change", again);
  phone.addEventListener("change", again);

  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    page.dataset.theme = theme() === "dark" ? "light" : "dark";
    again();
  });

  const order = new Intl.Collator(page.lang || undefined, { numeric: true }).compare;
  function sort(head) {
    const table = head.closest("table"), place = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    const key = (row) => row.cells[place].dataset.key;
    const numbers = head.classList.contains("right") || [...table.tBodies[0].rows].some((row) => key(row));
    const rows = [...table.tBodies[0].rows].map((row) => [row, numbers ? key(row) : row.cells[place].textContent]);
    const known = rows.filter(([, value]) => value !== undefined), rest = rows.filter(([, value]) => value === undefined);
    known.sort(([, a], [, b]) => (numbers ? Number(a) - Number(b) : order(a, b)) * (down ? -1 : 1));
    table.tBodies[0].replaceChildren(...known.concat(rest).map(([row]) => row));
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  for (const head of document.querySelectorAll(".sortable th")) head.firstChild.addEventListener("click", () => sort(head));
})();
