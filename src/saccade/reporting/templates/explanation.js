const strength = document.getElementById("strength");
if (strength) {
  const show = () => {
    document.documentElement.style.setProperty("--shown", strength.value / 100);
    document.getElementById("strength-now").textContent = strength.value + " %";
  };
  strength.addEventListener("input", show);
  show();
}
addEventListener("keydown", event => { if (event.key === "Escape" && location.hash.startsWith("#large")) location.hash = "#" + location.hash.replace("large", "tile").slice(1); });
