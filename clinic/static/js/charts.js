// Pictures: reads the options the server wrote beside each figure and draws them in the house's colours.
(() => {
  "use strict";
  const source = document.currentScript.dataset.echarts;
  const KINDS = ["ok", "attention", "stop", "info", "neutral", "research", "brand"];
  const SERIES = ["brand", "attention", "research", "ok", "info", "stop", "neutral"];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let library = null;

  const load = () => {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.echarts);
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  };

  // light-dark() is only resolved on a real property, so colours are read off an element.
  const palette = () => {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    const read = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const colours = Object.fromEntries(KINDS.map((kind) => [kind, read(`${kind}-fill`)]).concat(["ink", "ink-soft", "line", "surface", "raised", "brand-soft"].map((name) => [name, read(name)])));
    probe.remove();
    return colours;
  };

  const named = (value, colours) => {
    if (Array.isArray(value)) return value.map((item) => named(item, colours));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) =>
      [key, (key === "color" || key.endsWith("Color")) && KINDS.includes(item) ? colours[item] : named(item, colours)]));
  };

  const axis = (given, colours) => {
    if (!given) return given;
    const one = (own) => ({
      ...own,
      axisLine: { lineStyle: { color: colours.line }, ...own.axisLine },
      axisTick: { show: false, ...own.axisTick },
      axisLabel: { color: colours["ink-soft"], hideOverlap: true, ...own.axisLabel },
      nameTextStyle: { color: colours["ink-soft"], ...own.nameTextStyle },
      splitLine: { show: own.type === "value", lineStyle: { color: colours.line }, ...own.splitLine },
    });
    return Array.isArray(given) ? given.map(one) : one(given);
  };

  // Pictures of places and squares: the scale, the calendar and the words take the house's colours too.
  const scale = (given, colours) => given && {
    calculable: true, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 12,
    inRange: { color: [colours["brand-soft"], colours.brand] }, textStyle: { color: colours["ink-soft"] }, ...given,
  };

  const calendar = (given, colours) => given && {
    top: 24, left: 36, right: 8, bottom: 48, cellSize: "auto", firstDay: 1,
    itemStyle: { color: "transparent", borderColor: colours.surface, borderWidth: 2 }, splitLine: { lineStyle: { color: colours["ink-soft"], width: 1 } },
    dayLabel: { firstDay: 1, color: colours["ink-soft"] }, monthLabel: { color: colours["ink-soft"] }, yearLabel: { show: false }, ...given,
  };

  const dressSeries = (series, colours) => ({
    ...(series.type === "line" ? { symbolSize: 5, showSymbol: (series.data ?? []).length <= 31, lineStyle: { width: 2.25 } } : {}),
    ...(series.type === "bar" ? { barMaxWidth: 28 } : {}),
    ...(series.type === "heatmap" ? { itemStyle: { borderColor: colours.surface, borderWidth: 1 }, emphasis: { itemStyle: { borderColor: colours.ink } } } : {}),
    // A sankey without a centre of its own cannot be drawn a second time.
    ...(series.type === "sankey" ? {
      left: 0, right: 0, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 18, draggable: false, layoutIterations: 0, center: ["50%", "50%"], zoom: 1, emphasis: { focus: "adjacency" },
      label: { color: colours.ink, width: 150, overflow: "truncate", textBorderWidth: 0 }, lineStyle: { color: "gradient", opacity: 0.35 },
    } : {}),
    ...series,
  });

  const dress = ({ links, ...option }, colours) => {
    const given = named(option, colours);
    const several = (given.series ?? []).length > 1;
    const pointing = (given.series ?? []).some((series) => ["pie", "heatmap", "sankey"].includes(series.type)) ? "item" : "axis";
    return {
      color: SERIES.map((name) => colours[name]),
      animation: !still.matches,
      animationDuration: 250,
      textStyle: { color: colours.ink, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
      aria: { enabled: true, label: { enabled: false }, decal: { show: several && pointing === "axis" } },
      ...given,
      grid: { left: 8, right: 16, top: several || given.legend ? 36 : 12, bottom: 4, outerBoundsMode: "same", ...given.grid },
      legend: several || given.legend ? { top: 0, left: 0, itemWidth: 16, itemHeight: 10, textStyle: { color: colours.ink }, ...given.legend } : undefined,
      tooltip: {
        trigger: pointing, renderMode: "richText", confine: true, backgroundColor: colours.raised, borderColor: colours.line,
        textStyle: { color: colours.ink, fontSize: 12 }, axisPointer: { type: "line", lineStyle: { color: colours["ink-soft"] } }, ...given.tooltip,
      },
      xAxis: axis(given.xAxis, colours),
      yAxis: axis(given.yAxis, colours),
      visualMap: scale(given.visualMap, colours),
      calendar: calendar(given.calendar, colours),
      series: (given.series ?? []).map((series) => dressSeries(series, colours)),
    };
  };

  const options = async (figure) => {
    if (figure.dataset.url) return (await fetch(figure.dataset.url, { headers: { Accept: "application/json" } })).json();
    return JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  };

  // A click follows the address of the thing itself, or else of its place on the axis.
  const follow = (picture, links = []) => {
    picture.on("click", ({ data }) => { if (data?.href) location.assign(data.href); });
    if (!links.length) return;
    const place = ({ offsetX, offsetY }) =>
      picture.containPixel({ gridIndex: 0 }, [offsetX, offsetY]) ? links[picture.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY])?.[0]] : null;
    picture.getZr().on("click", (event) => { const href = place(event); if (href) location.assign(href); });
    picture.getZr().on("mousemove", (event) => picture.getZr().setCursorStyle(place(event) ? "pointer" : "default"));
  };

  const draw = async (figure) => {
    if (figure.dataset.drawn !== undefined) return;
    const [echarts, option] = await Promise.all([load(), options(figure)]);
    figure.dataset.drawn = "";
    const canvas = figure.querySelector(".canvas");
    const picture = echarts.init(canvas, null, { renderer: "svg" });
    const wear = () => picture.setOption(dress(option, palette()), { notMerge: true });
    wear();
    follow(picture, option.links);
    document.addEventListener("clinic:theme", wear);
    new ResizeObserver(() => picture.resize()).observe(canvas);
    addEventListener("beforeprint", () => picture.resize());
  };

  // A picture that cannot be drawn leaves its numbers standing, opened.
  const drawAll = (root) => root.querySelectorAll("[data-plot]").forEach((figure) =>
    draw(figure).catch(() => { const numbers = figure.querySelector("details"); if (numbers) numbers.open = true; }));
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
})();
