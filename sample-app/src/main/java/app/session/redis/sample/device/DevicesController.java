package app.session.redis.sample.device;

import java.security.Principal;

import jakarta.servlet.http.HttpSession;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The controller of the page "Your devices".
 */
@Controller
@RequestMapping("/devices")
class DevicesController {

	private final Devices devices;

	DevicesController(Devices devices) {
		this.devices = devices;
	}

	@GetMapping
	String devices(Principal user, HttpSession session, Model model) {
		model.addAttribute("devices", this.devices.of(user.getName(), SessionHandle.ofId(session.getId())));
		return "devices";
	}

	@PostMapping("/sign-out")
	String signOut(@RequestParam("handle") String handle, Principal user) {
		this.devices.signOut(user.getName(), new SessionHandle(handle));
		return "redirect:/devices";
	}

	@PostMapping("/sign-out-others")
	String signOutOthers(Principal user, HttpSession session) {
		this.devices.signOutOthers(user.getName(), SessionHandle.ofId(session.getId()));
		return "redirect:/devices";
	}

}
