"use strict";
(() => {
  const find = id => document.getElementById(id);
  const root = document.documentElement, steps = [...document.querySelectorAll(".step")];
  const slider = find("slider"), calm = matchMedia("(prefers-reduced-motion: reduce)");
  let now = 0, timer = 0;

  // Each frame begins where the frame of the step before was, and slides to its own place.
  const slide = (from, to) => {
    if (calm.matches || from === to) return;
    const before = from.querySelectorAll("figure"), after = to.querySelectorAll("figure");
    after.forEach((figure, place) => {
      const old = before[place] ? before[place].querySelectorAll(".frame, .halo, .tap") : [];
      const fresh = figure.querySelectorAll(".frame, .halo, .tap");
      if (old.length !== fresh.length) return;
      fresh.forEach((mark, number) => {
        const gap = name => old[number].getAttribute(name) - mark.getAttribute(name);
        mark.animate([{transform: `translate(${gap("x")}px, ${gap("y")}px)`}, {transform: "none"}], {duration: 260, easing: "ease-out"});
      });
    });
  };

  const show = place => {
    const from = steps[now];
    now = Math.min(Math.max(place, 0), steps.length - 1);
    from.classList.remove("now");
    steps[now].classList.add("now");
    slide(from, steps[now]);
    slider.value = now + 1;
    slider.setAttribute("aria-valuetext", `${now + 1} of ${steps.length}`);
    find("place").textContent = `${now + 1} of ${steps.length}`;
    find("previous").disabled = now === 0;
    find("next").disabled = now === steps.length - 1;
  };

  const playing = wanted => {
    clearInterval(timer);
    timer = wanted ? setInterval(() => now < steps.length - 1 ? show(now + 1) : playing(false), 1100) : 0;
    root.classList.toggle("playing", wanted);
    find("play").setAttribute("aria-label", wanted ? "Pause" : "Play");
    find("play").title = `${wanted ? "Pause" : "Play"} (space bar)`;
  };

  const move = place => { playing(false); show(place); };
  const everything = wanted => {
    playing(false);
    root.classList.toggle("stepping", !wanted);
    find("all").setAttribute("aria-pressed", wanted);
    for (const id of ["previous", "play", "next", "slider"]) find(id).disabled = wanted;
    if (!wanted) show(now);
  };
  const toggle = () => {
    if (!timer && now === steps.length - 1) show(0);
    playing(!timer);
  };

  find("previous").onclick = () => move(now - 1);
  find("next").onclick = () => move(now + 1);
  find("play").onclick = toggle;
  find("all").onclick = () => everything(root.classList.contains("stepping"));
  slider.oninput = () => move(slider.value - 1);
  document.onkeydown = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !root.classList.contains("stepping")) return;
    const place = {ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: steps.length - 1}[event.key];
    if (place !== undefined) { event.preventDefault(); move(place); }
    else if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); toggle(); }
  };

  document.querySelector(".controls").hidden = false;
  everything(false);
})();
