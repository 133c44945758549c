// Plays generations on their own waveform, with captions that follow. Without scripts the browser's player stays.
const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return whole < 3600 ? `${minutes}:${rest}` : `${Math.floor(whole / 3600)}:${String(minutes).padStart(2, "0")}:${rest}`;
};

function uncover(place, audio) {
  const share = audio.duration ? audio.currentTime / audio.duration : 0;
  place.querySelector("[data-heard]").setAttribute("width", String(share * 800));
}

function animate(audio, draw) {
  const step = () => {
    draw();
    if (!audio.paused && !audio.ended) requestAnimationFrame(step);
  };
  audio.addEventListener("play", step);
  for (const name of ["seeked", "pause", "ended", "loadedmetadata"]) audio.addEventListener(name, draw);
}

function openPlayer(player) {
  if (player.dataset.ready) return;
  player.dataset.ready = "yes";
  const audio = player.querySelector("[data-audio]");
  const toggle = player.querySelector("[data-toggle]");
  const seek = player.querySelector("[data-seek]");
  const now = player.querySelector("[data-now]");
  const pieces = [...player.querySelectorAll("[data-from]")];
  audio.controls = false;
  for (const part of [toggle, seek, player.querySelector("[data-clock]")]) part.hidden = false;

  const follow = () => {
    let current = -1;
    pieces.forEach((piece, number) => { if (Number(piece.dataset.from) <= audio.currentTime + 0.02) current = number; });
    const isIdle = audio.paused && audio.currentTime === 0;
    pieces.forEach((piece, number) => piece.classList.toggle("now", number === current && !isIdle));
    const piece = pieces[current];
    const box = piece?.parentElement;
    if (box && !audio.paused && box.scrollHeight > box.clientHeight) {
      box.scrollTop = piece.offsetTop - box.offsetTop - box.clientHeight / 3;
    }
  };
  const draw = () => {
    uncover(player, audio);
    if (audio.duration) seek.max = String(audio.duration);
    if (document.activeElement !== seek || !audio.paused) seek.value = String(audio.currentTime);
    seek.setAttribute("aria-valuetext", clock(audio.currentTime));
    now.textContent = clock(audio.currentTime);
    toggle.classList.toggle("playing", !audio.paused);
    toggle.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    follow();
  };
  animate(audio, draw);
  toggle.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  seek.addEventListener("input", () => { audio.currentTime = Number(seek.value); });
  for (const piece of pieces) piece.addEventListener("click", () => { audio.currentTime = Number(piece.dataset.from); });
  for (const link of player.querySelectorAll("[data-to]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      audio.currentTime = Number(link.dataset.to);
      audio.play();
    });
  }
  draw();
}

const shared = new Audio();
let playing = null;

function showShared() {
  if (!playing) return;
  uncover(playing, shared);
  playing.classList.toggle("playing", !shared.paused);
  playing.setAttribute("aria-pressed", String(!shared.paused));
}

function pressSmall(event, link) {
  event.preventDefault();
  if (playing === link) {
    if (shared.paused) shared.play();
    else shared.pause();
    return;
  }
  if (playing) {
    playing.classList.remove("playing");
    playing.setAttribute("aria-pressed", "false");
    playing.querySelector("[data-heard]").setAttribute("width", "0");
  }
  playing = link;
  shared.src = link.href;
  shared.play();
}

animate(shared, showShared);

function open(root) {
  for (const player of root.querySelectorAll("[data-player]")) openPlayer(player);
  for (const link of root.querySelectorAll("[data-play]:not([role])")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-pressed", "false");
    link.addEventListener("click", (event) => pressSmall(event, link));
    link.addEventListener("keydown", (event) => { if (event.key === " ") pressSmall(event, link); });
  }
}

open(document);
document.body.addEventListener("htmx:afterSettle", () => open(document));
