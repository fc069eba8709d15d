#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_SVG_WRITER_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_SVG_WRITER_H_

#include <span>
#include <string>
#include <string_view>

namespace coupond::ctl {

/// Writes a drawing as an SVG document without scripts or references. Coordinates are in pixels
/// from the top left corner. Every shape has a class, whose looks the style says in CSS. Source:
/// https://www.w3.org/TR/SVG11
class SvgWriter {
 public:
  struct Point {
    double x = 0;
    double y = 0;
  };
  enum class Anchor { kStart, kMiddle, kEnd };

  /// `title` is what a reader who cannot see the drawing is told. `style` is written as it is.
  SvgWriter(Point size, std::string_view title, std::string_view style);

  void AddRectangle(Point corner, Point size, std::string_view name);
  /// Adds a line through the points. A single point is drawn as a dot by a style with round caps.
  void AddLine(std::span<const Point> points, std::string_view name);
  void AddLine(Point from, Point to, std::string_view name);
  /// Adds a text that begins at, is centred on, or ends at the point. Any text is safe.
  void AddText(Point at, Anchor anchor, std::string_view text, std::string_view name);

  /// Returns the whole document.
  [[nodiscard]] std::string Document() const { return document_ + "</svg>\n"; }

 private:
  std::string document_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_SVG_WRITER_H_
