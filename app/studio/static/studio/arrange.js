// Everything that puts the photos of a gallery in order.
import "./drag.js";
import "./keyboard.js";
import "./more.js";
import "./select.js";
