// Finds a place by name, postcode or location, in the browser: nothing typed is sent anywhere.
// Every page works without it. It looks in files of lookup/, each a script that calls
// openbeat.found(its path, its content): so it works from a folder too, where fetch does not.
(function () {
  "use strict";

  // ---- the files of lookup/ -------------------------------------------------------------------
  const contents = {};
  const asked = {};
  window.openbeat = {
    found: function (path, content) {
      contents[path] = content;
    },
  };

  // What a file of lookup/ holds; null where there is none, or it cannot be reached.
  function load(finder, path) {
    if (!(path in asked)) {
      asked[path] = new Promise(function (resolve) {
        const script = document.createElement("script");
        script.src = finder.dataset.lookup + path + ".js";
        script.onload = function () {
          resolve(path in contents ? contents[path] : null);
        };
        script.onerror = function () {
          delete asked[path]; // a later try may reach it
          resolve(null);
        };
        document.head.appendChild(script);
      });
    }
    return asked[path];
  }

  // The same for one of many files, of which an index says which there are: { known, content }.
  function loadKnown(finder, folder, name) {
    return load(finder, folder + "/index").then(function (index) {
      if (!index) return { known: null, content: null };
      if (!index.files.includes(name)) return { known: index, content: null };
      return load(finder, folder + "/" + name).then(function (content) {
        return { known: content && index, content: content };
      });
    });
  }

  function place(finder, name, force, path) {
    return { name: name, force: force, href: finder.dataset.pages + "places/" + path + ".html" };
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, key) {
      return values[key];
    });
  }

  // ---- by name --------------------------------------------------------------------------------
  // Plain letters and digits: without accents, apostrophes, "and" for "&", "St" for "Saint".
  function words(text) {
    return text
      .normalize("NFD")
      .replace(/[\u0300-\u036f'’.]/g, "")
      .toLowerCase()
      .replace(/&/g, " and ")
      .replace(/\bsaint\b/g, "st")
      .split(/[^a-z0-9]+/)
      .filter(Boolean);
  }

  let entries = null;
  function prepare(finder, names) {
    if (entries) return entries;
    const forces = names.forces.map(function (force) {
      return { entry: place(finder, force[0], "", force[1] + "/index"), words: words(force[0]) };
    });
    entries = forces.concat(
      names.places.map(function (row) {
        const force = names.forces[row[0]];
        const own = words(row[1]);
        const again = forces[row[0]].words;
        return {
          entry: place(finder, row[1], force[0], force[1] + "/" + row[2]),
          words: own.concat(again),
          own: own.length,
        };
      })
    );
    return entries;
  }

  // Every word typed begins a word of the name or of its force, one of the name at least. First
  // the names that begin so, then those that hold it; among equals in the order of the file.
  function search(list, text) {
    const typed = words(text);
    if (!typed.length) return [];
    const whole = typed.join(" ");
    const ranks = [[], [], []];
    list.forEach(function (item) {
      const own = item.own || item.words.length;
      const name = item.words.slice(0, own).join(" ");
      const begins = function (word) {
        return function (held) {
          return held.startsWith(word);
        };
      };
      const all = typed.every(function (word) {
        return item.words.some(begins(word));
      });
      const one = typed.some(function (word) {
        return item.words.slice(0, own).some(begins(word));
      });
      if (all && one) ranks[name === whole ? 0 : name.startsWith(whole) ? 1 : 2].push(item.entry);
    });
    return ranks[0].concat(ranks[1], ranks[2]);
  }

  const SHOWN = 10;

  function byName(finder, names, text) {
    if (!names) return { places: [], say: finder.dataset.offline };
    const places = search(prepare(finder, names), text);
    const key = ["none", "one"][places.length] || (places.length > SHOWN ? "more" : "some");
    const values = { number: places.length, shown: SHOWN, query: text };
    return { places: places, say: fill(finder.dataset[key], values) };
  }

  // ---- by postcode ----------------------------------------------------------------------------
  const POSTCODE = /^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})$/;
  const SCOTLAND = /^(AB|DD|DG|EH|FK|G|HS|IV|KA|KW|KY|ML|PA|PH|ZE)[0-9]|^TD(?!12|15)/;
  const ELSEWHERE = [
    [/^BT/, "northern"],
    [SCOTLAND, "scotland"],
    [/^(GY|JE|IM)/, "islands"],
  ];

  function postcode(text) {
    return POSTCODE.exec(text.toUpperCase().replace(/[\s-]/g, ""));
  }

  function holds(codes, inward) {
    for (let at = 0; at < codes.length; at += 3) {
      if (codes.substr(at, 3) === inward) return true;
    }
    return false;
  }

  // The place of a postcode, else what to say of it. Only the file of its first half is asked for.
  function locate(finder, outward, inward) {
    const values = { postcode: outward + " " + inward, outward: outward };
    const elsewhere = ELSEWHERE.find(function (some) {
      return some[0].test(outward);
    });
    const say = function (key) {
      return { places: [], say: fill(finder.dataset[key], values) };
    };
    if (!("postcodes" in finder.dataset)) return Promise.resolve(say("noPostcodes"));
    return loadKnown(finder, "postcodes", outward).then(function (told) {
      if (!told.known) return say("offline");
      const shard = told.content;
      const rows = (shard ? shard.places : []).filter(function (some) {
        return holds(some[3], inward);
      });
      if (rows.length) {
        const [name, force, path] = rows[0];
        Object.assign(values, { name: name, force: force });
        return { places: [place(finder, name, force, path)], say: say("inPlace").say };
      }
      if (elsewhere) return say(elsewhere[1]);
      if (!shard) return say(told.known.outside.includes(outward) ? "outside" : "noOutward");
      if (holds(shard.outside, inward)) return say("outside");
      return say(holds(shard.nowhere, inward) ? "nowhere" : "noPostcode");
    });
  }

  // ---- by location ----------------------------------------------------------------------------
  const UNITS = 1e4; // of the files of points, per degree
  const METRES = 111195; // a degree of latitude
  const SLACK = 50; // metres by which borders are simplified
  const FARTHEST = 500; // metres that a file of points reaches beyond its cell

  // Even-odd rule; a ring is x, y, then steps.
  function inside(rings, x, y) {
    let odd = false;
    rings.forEach(function (ring) {
      let x1 = ring[0];
      let y1 = ring[1];
      for (let at = 2; at < ring.length; at += 2) {
        const x2 = x1 + ring[at];
        const y2 = y1 + ring[at + 1];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
        x1 = x2;
        y1 = y2;
      }
    });
    return odd;
  }

  // The place of a point, null for none, and what else lies within so many metres of it.
  function near(rows, x, y, metres, squeeze) {
    const at = function (x, y) {
      return rows.findIndex(function (row) {
        return inside(row[3], x, y); // the smallest comes first, and wins
      });
    };
    const others = new Set();
    for (let turn = 0; turn < 48; turn += 1) {
      const angle = (turn * Math.PI) / 8;
      const far = ((metres * (1 + Math.floor(turn / 16))) / 3 / METRES) * UNITS;
      others.add(at(x + (far * Math.cos(angle)) / squeeze, y + far * Math.sin(angle)));
    }
    const here = at(x, y);
    others.delete(here);
    others.delete(-1);
    return { here: here, others: Array.from(others) };
  }

  function aroundMe(finder, position) {
    const latitude = position.coords.latitude;
    const longitude = position.coords.longitude;
    const accuracy = position.coords.accuracy;
    const east = Math.floor(longitude * 10);
    const north = Math.floor(latitude * 10);
    return loadKnown(finder, "points", east + "_" + north).then(function (told) {
      if (!told.known) return { places: [], say: finder.dataset.offline };
      if (!told.content) return { places: [], say: finder.dataset.notHere };
      const rows = told.content;
      const metres = Math.min(accuracy + SLACK, FARTHEST);
      const found = near(
        rows,
        (longitude - east / 10) * UNITS,
        (latitude - north / 10) * UNITS,
        metres,
        Math.cos((latitude * Math.PI) / 180)
      );
      const numbers = (found.here < 0 ? [] : [found.here]).concat(found.others);
      const places = numbers.map(function (number) {
        return place(finder, rows[number][0], rows[number][1], rows[number][2]);
      });
      const say = !places.length ? "notHere" : places.length > 1 ? "nearBorder" : "here";
      const known = accuracy < 1000 ? Math.max(10, Math.round(accuracy / 10) * 10) : null;
      const within = known
        ? fill(finder.dataset.metres, { number: known })
        : fill(finder.dataset.kilometres, { number: Math.round(accuracy / 1000) });
      return { places: places, say: fill(finder.dataset[say], { within: within }) };
    });
  }

  // ---- what a person sees ---------------------------------------------------------------------
  function write(parent, tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  // The combobox of the ARIA Authoring Practices: a list to choose from, the focus in the input.
  function begin(finder) {
    const form = finder.querySelector("form");
    const input = finder.querySelector("input");
    const list = finder.querySelector("[role=listbox]");
    const status = finder.querySelector("[role=status]");
    const links = finder.querySelector("[data-links]");
    const button = finder.querySelector("[data-locate]");
    let shown = [];
    let chosen = -1;
    let turn = 0; // of the latest question; an answer to an earlier one is let go

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      choose(-1);
    }

    function open() {
      if (!shown.length) return;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }

    function choose(number) {
      const options = list.children;
      if (chosen >= 0 && options[chosen]) options[chosen].setAttribute("aria-selected", "false");
      chosen = number;
      if (chosen < 0) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      options[chosen].setAttribute("aria-selected", "true");
      options[chosen].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[chosen].id);
    }

    function go(number) {
      window.location.href = shown[number].href;
    }

    function show(found) {
      links.textContent = "";
      list.textContent = "";
      shown = found.places.slice(0, SHOWN);
      shown.forEach(function (entry, number) {
        const option = write(list, "li", "");
        option.id = list.id + "-" + number;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        write(option, "span", entry.name);
        option.appendChild(document.createTextNode(" "));
        write(option, "small", entry.force);
      });
      status.textContent = found.say;
      chosen = -1;
      if (shown.length) open();
      else close();
    }

    // Answers what is typed; gives whether the answer is still wanted once it is there.
    function ask() {
      const mine = (turn += 1);
      const text = input.value.trim();
      const parts = postcode(text);
      const answer = !text
        ? Promise.resolve({ places: [], say: "" })
        : parts
          ? locate(finder, parts[1], parts[2])
          : load(finder, "names").then(function (names) {
              return byName(finder, names, text);
            });
      return answer.then(function (found) {
        if (mine === turn) show(found);
        return mine === turn;
      });
    }

    input.addEventListener("focus", function () {
      load(finder, "names");
    });
    input.addEventListener("input", ask);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      const last = shown.length - 1;
      if (event.key === "Escape") {
        if (list.hidden) input.value = "";
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!shown.length) return;
        open();
        const down = event.key === "ArrowDown";
        choose(down ? (chosen < last ? chosen + 1 : 0) : chosen > 0 ? chosen - 1 : last);
      } else if (event.key === "Enter" && chosen >= 0) {
        go(chosen);
      } else {
        return;
      }
      event.preventDefault();
    });
    list.addEventListener("mousedown", function (event) {
      event.preventDefault(); // the focus stays in the input
    });
    list.addEventListener("click", function (event) {
      const option = event.target.closest("[role=option]");
      if (option) go(Array.prototype.indexOf.call(list.children, option));
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      ask().then(function (answered) {
        if (answered && shown.length === 1) go(0);
        else input.focus();
      });
    });
    if (button && navigator.geolocation) {
      button.hidden = false;
      button.addEventListener("click", function () {
        const mine = (turn += 1);
        const tell = function (found) {
          if (mine !== turn) return;
          show({ places: [], say: found.say });
          found.places.forEach(function (entry) {
            const item = write(links, "li", "");
            write(item, "a", entry.name).href = entry.href;
            item.appendChild(document.createTextNode(", " + entry.force));
          });
        };
        input.value = "";
        tell({ places: [], say: finder.dataset.asking });
        navigator.geolocation.getCurrentPosition(
          function (position) {
            aroundMe(finder, position).then(tell);
          },
          function (error) {
            tell({ places: [], say: finder.dataset[error.code === 1 ? "refused" : "unknown"] });
          },
          { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
        );
      });
    }
    finder.hidden = false;
  }

  document.querySelectorAll("[data-finder]").forEach(begin);
})();
