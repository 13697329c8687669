/* Draws each [data-plot] from the table inside it, as stacked bars. Without script the table itself is what is seen. */
(() => {
  const HOUR = 3600;
  const DAY = 24 * HOUR;
  const WEEK = 7 * DAY;
  // Days that would be narrower than this are drawn as weeks; the vertical axis takes some of the width.
  const NARROWEST_DAY = 4;
  // Bars closer than this stand without gaps around them, which would leave nothing of them.
  const NARROWEST_GAP = 6;
  const AXIS = 60;
  const LABEL = 64;
  const COLOURS = 7;
  const NANOUSD_PER_USD = 1e9;
  const steps = (from, to) =>
    Array.from({ length: to - from + 1 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** (from + power))).flat();
  const INCREMENTS = { calls: steps(0, 9), usd: steps(0, 16) };

  const dateText = (seconds, options) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(new Date(seconds * 1000));
  const dayText = (seconds) => dateText(seconds, { day: "numeric", month: "short" });
  const hourText = (seconds) => dateText(seconds, { hour: "2-digit", minute: "2-digit" });

  const dollars = (nanousd, step) => {
    const decimals = Math.min(9, Math.max(2, Math.ceil(-Math.log10(step / NANOUSD_PER_USD))));
    return `$${(nanousd / NANOUSD_PER_USD).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;
  };
  const amountText = {
    calls: (figure) => figure.toLocaleString("en"),
    usd: (figure) => (figure ? dollars(figure, Math.min(1e7, 10 ** (Math.floor(Math.log10(figure)) - 1))) : "$0"),
  };
  const axisText = {
    calls: (figure) => figure.toLocaleString("en"),
    usd: (figure, step) => (figure ? dollars(figure, step) : "$0"),
  };

  function readTable(table) {
    const rows = [...table.tBodies[0].rows];
    const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
    const times = rows.map((row) => Number(row.cells[0].dataset.time));
    const figures = names.map((_, column) => rows.map((row) => Number(row.cells[column + 1].dataset.value)));
    return { names, times, figures, parts: times.map((_, row) => [row, row]) };
  }

  const isTooNarrow = (times, width) =>
    times[1] - times[0] >= DAY && times.length > 28 && (width - AXIS) / times.length < NARROWEST_DAY;

  // 1970 began with a Thursday; weeks begin with Monday.
  const mondayOf = (seconds) => seconds - ((seconds + 3 * DAY) % WEEK);

  // Adds days up to weeks; the first and the last may have fewer days. `parts` are their first and last rows.
  function byWeek({ names, times, figures }) {
    const parts = [];
    times.forEach((time, row) => {
      if (row && mondayOf(time) === mondayOf(times[row - 1])) parts[parts.length - 1][1] = row;
      else parts.push([row, row]);
    });
    const sum = (column) => parts.map(([first, last]) => column.slice(first, last + 1).reduce((one, other) => one + other, 0));
    return { names, times: parts.map(([first]) => mondayOf(times[first])), figures: figures.map(sum), parts };
  }

  // The first column is drawn first and tallest, so that each later one covers its foot.
  function stack(figures, isShown) {
    const sums = new Array(figures[0].length).fill(0);
    const stacked = [];
    for (let column = figures.length - 1; column >= 0; column -= 1) {
      if (isShown[column]) figures[column].forEach((figure, row) => (sums[row] += figure));
      stacked[column] = [...sums];
    }
    return stacked;
  }

  // A name keeps its colour in all plots of the page; what is no name at all is grey.
  const NAMELESS = ["unknown", "not answered", "others"];
  const numbers = { "": new Map(), spoken: new Map() };
  const colourOf = (name, kind) => {
    if (NAMELESS.includes(name.toLowerCase())) return "none";
    if (!numbers[kind].has(name)) numbers[kind].set(name, (numbers[kind].size % COLOURS) + 1);
    return numbers[kind].get(name);
  };

  // A bar leads where the figure in the table does.
  function follow(plot, figure, isShown, parts) {
    const rows = [...figure.querySelector("details table").tBodies[0].rows];
    const link = () => {
      const { idx, top } = plot.cursor;
      if (idx == null || top < 0) return null;
      const height = plot.posToVal(top, "y");
      let column = -1;
      // Later columns stand before earlier, taller ones.
      for (let number = 1; number < plot.data.length; number += 1) {
        if (isShown[number - 1] && height >= 0 && height <= plot.data[number][idx]) column = number;
      }
      return column < 0 ? null : linkOf(rows, column, ...parts[idx]);
    };
    plot.over.addEventListener("mousemove", () => {
      plot.over.style.cursor = link() ? "pointer" : "";
    });
    plot.over.addEventListener("click", () => {
      const target = link();
      if (target) location.assign(target);
    });
  }

  // The address behind a figure, or behind those of a week: from its first day to its last.
  function linkOf(rows, column, first, last) {
    const links = rows.slice(first, last + 1).map((row) => row.cells[column].querySelector("a"));
    const link = links.find(Boolean);
    if (!link || first === last) return link?.href ?? null;
    const address = new URL(link.href);
    const day = (row) => new Date(Number(row.cells[0].dataset.time) * 1000).toISOString().slice(0, 10);
    address.searchParams.set("since", day(rows[first]));
    address.searchParams.set("until", day(rows[last]));
    return address.href;
  }

  const plots = new Map();
  function draw(figure) {
    const canvas = figure.querySelector(".plot__canvas");
    const { unit, names: kind } = figure.dataset;
    const table = readTable(figure.querySelector("details table"));
    canvas.hidden = false;
    const isWeekly = isTooNarrow(table.times, canvas.clientWidth);
    const { names, times, figures, parts } = isWeekly ? byWeek(table) : table;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--plot-${name}`).trim();
    const isHourly = times[1] - times[0] < DAY;
    const isShown = names.map(() => true);
    const totals = figures.map((column) => column.reduce((sum, value) => sum + value, 0));
    const grid = { stroke: colour("grid"), width: 1 };
    const axis = { stroke: colour("text"), grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const bars = uPlot.paths.bars({ size: [0.75, 48] });
    const gap = (canvas.clientWidth - AXIS) / times.length < NARROWEST_GAP ? 0 : 1;
    const bar = (name, column) => ({
      label: name,
      paths: bars,
      points: { show: false },
      fill: colour(colourOf(name, kind)),
      stroke: colour("gap"),
      width: gap,
      value: (_, __, ___, row) => amountText[unit](row == null ? totals[column] : figures[column][row]),
    });

    canvas.replaceChildren();
    figure.toggleAttribute("data-weekly", isWeekly);
    const length = isHourly ? HOUR : isWeekly ? WEEK : DAY;
    const half = length / 2;
    const spanText = (_, at, __, row) => {
      if (at == null || row == null) return "Total";
      if (isHourly) return `${dayText(at)} ${hourText(at)}`;
      const [first, last] = parts[row].map((number) => dayText(table.times[number]));
      return first === last ? first : `${first} – ${last}`;
    };
    const everySo = Math.max(1, Math.ceil((times.length * LABEL) / Math.max(1, canvas.clientWidth - AXIS)));
    const weekSplits = { splits: () => times.filter((_, number) => number % everySo === 0) };
    const plot = new uPlot(
      {
        width: canvas.clientWidth,
        height: 240,
        // Half of the last label stands to the right of its bar.
        padding: [12, 22, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        legend: { markers: { width: 0, fill: (_, column) => colour(colourOf(names[column - 1], kind)) } },
        scales: {
          x: { time: true, range: () => [times[0] - half, times[times.length - 1] + half] },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 28,
            space: LABEL,
            incrs: (isHourly ? [1, 2, 3, 6, 12, 24] : [24, 48, 7 * 24, 14 * 24, 28 * 24]).map((hours) => hours * HOUR),
            values: (_, splits) => splits.map((at) => (isHourly && at % DAY ? hourText(at) : dayText(at))),
            ...(isWeekly ? weekSplits : {}),
          },
          {
            ...axis,
            size: (_, values) => 14 + 7 * Math.max(2, ...(values || []).map((value) => value.length)),
            incrs: INCREMENTS[unit],
            values: (_, splits, __, ___, step) => splits.map((value) => axisText[unit](value, step)),
          },
        ],
        series: [
          { label: "", value: spanText },
          ...names.map(bar),
        ],
        hooks: {
          setSeries: [
            (self, column, options) => {
              if (options.show == null || isShown[column - 1] === options.show) return;
              isShown[column - 1] = options.show;
              self.setData([times, ...stack(figures, isShown)]);
            },
          ],
        },
      },
      [times, ...stack(figures, isShown)],
      canvas,
    );
    follow(plot, figure, isShown, parts);
    return plot;
  }

  const redraw = (figure) => {
    plots.get(figure)?.destroy();
    plots.set(figure, draw(figure));
  };

  const drawAll = () => {
    document.querySelectorAll("[data-plot]").forEach(redraw);
  };

  const start = () => {
    drawAll();
    const widths = new ResizeObserver((changes) => {
      for (const { target } of changes) {
        const figure = target.closest("[data-plot]");
        const plot = plots.get(figure);
        if (!plot || !target.clientWidth || target.clientWidth === plot.width) continue;
        const { times } = readTable(figure.querySelector("details table"));
        if (isTooNarrow(times, target.clientWidth) !== figure.hasAttribute("data-weekly")) redraw(figure);
        else plot.setSize({ width: target.clientWidth, height: plot.height });
      }
    });
    for (const figure of plots.keys()) {
      figure.querySelector("details").open = false;
      widths.observe(figure.querySelector(".plot__canvas"));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
    new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["class", "data-theme"] });
  };
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
